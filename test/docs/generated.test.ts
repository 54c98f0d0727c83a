import { format } from "prettier";
import { describe, expect, it } from "vitest";
import { componentsPage } from "./componentsPage";
import { errorsPage } from "./errorsPage";
import { figuresPage } from "./figuresPage";
import { permissionsPage } from "./permissionsPage";
import { settingsPage } from "./settingsPage";

/** Updated by `npx vitest run test/docs -u`. */
describe("the generated pages", () => {
  it.each([
    ["docs/settings.md", settingsPage],
    ["docs/permissions.md", permissionsPage],
    ["docs/errors.md", errorsPage],
    ["docs/figures.md", figuresPage],
    ["docs/components.md", componentsPage],
  ])("%s says what the source says", async (file, page) => {
    await expect(await asMarkdown(page())).toMatchFileSnapshot(`../../${file}`);
  });
});

/** As `npm run format` writes it. */
async function asMarkdown(text: string): Promise<string> {
  return format(text, { parser: "markdown", printWidth: 110 });
}
