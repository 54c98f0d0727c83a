import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { chromium, type Browser, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { reportHtml } from "../../../scripts/verify/reportHtml";
import { sampleReport } from "../../support/sampleReport";

const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser"].find((path) => existsSync(path));
const axeSource = readFileSync(createRequire(__filename).resolve("axe-core/axe.min.js"), "utf8");

/** The part of axe's answer that is read. */
interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string }[];
  }[];
}

describe.skipIf(executablePath === undefined)(
  "the HTML report in Chromium (skipped without /usr/bin/chromium)",
  () => {
    let browser: Browser;
    let folder: string;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), "report-"));
      browser = await chromium.launch({ executablePath: executablePath ?? "", args: ["--no-sandbox"] });
    });

    afterAll(async () => {
      await browser.close();
      rmSync(folder, { recursive: true });
    });

    async function open(options: Parameters<Browser["newContext"]>[0] = {}) {
      const path = join(folder, "report.html");
      writeFileSync(path, reportHtml(sampleReport));
      const context = await browser.newContext(options);
      const page = await context.newPage();
      const complaints: string[] = [];
      const requests: string[] = [];
      page.on("console", (message) => complaints.push(message.text()));
      page.on("pageerror", (error) => complaints.push(error.message));
      page.on("request", (request) => requests.push(request.url()));
      await page.goto(pathToFileURL(path).href);
      return { page, complaints, requests, url: pathToFileURL(path).href };
    }

    async function axeViolations(page: Page): Promise<unknown> {
      await page.evaluate(axeSource);
      const { violations } = await page.evaluate<AxeResult>("axe.run()");
      return violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
    }

    it("says the verdict first, and asks nothing of the network", async () => {
      const { page, complaints, requests, url } = await open();

      expect(await page.locator("h1").innerText()).toBe("Not verified");
      expect(await page.locator("section h2").allInnerTexts()).toEqual([
        "To do",
        "CopilotAPIAuth",
        "What the apps share",
      ]);
      expect(complaints).toEqual([]);
      expect(requests.filter((request) => request !== url && !request.startsWith("data:"))).toEqual([]);
    });

    it("shows the permissions as a matrix", async () => {
      const { page } = await open();
      const rows = await page.locator("table").first().locator("tbody tr").allInnerTexts();

      expect(rows.map((row) => row.split(/\s*\t\s*/))).toEqual([
        ["User.Read.All", "✓ yes", "✓ yes", "✓ yes", "✓ yes"],
        ["Mail.Send", "✗ no", "✗ no", "not seen", "✓ yes"],
      ]);
    });

    it("draws a bar for each credential, today and the next rotation, all within the picture", async () => {
      const { page } = await open();
      const svg = page.locator("svg");

      expect(await svg.locator("rect.earlier, rect.published, rect.unknown").count()).toBe(3);
      expect(await svg.locator("rect.grace, line.today, line.due").count()).toBe(3);
      const outside = await page.evaluate<string[]>(`(() => {
      const svg = document.querySelector("svg").getBoundingClientRect();
      return [...document.querySelectorAll("svg *")].filter((node) => {
        const box = node.getBoundingClientRect();
        return box.width > 0 && (box.left < svg.left - 1 || box.right > svg.right + 1 || box.bottom > svg.bottom + 1);
      }).map((node) => node.outerHTML);
    })()`);
      expect(outside).toEqual([]);
    });

    it.each(["light", "dark"] as const)("passes axe's rules in %s", async (colorScheme) => {
      const { page } = await open({ colorScheme });
      expect(await axeViolations(page)).toEqual([]);
    });

    it("fits a phone: nothing but its own scrolling tables is wider than the screen", async () => {
      const { page } = await open({ viewport: { width: 360, height: 740 } });

      expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(360);
      expect(await axeViolations(page)).toEqual([]);
    });

    it("prints the evidence, which the screen folds away", async () => {
      const { page } = await open();
      await page.emulateMedia({ media: "print" });

      expect(await page.getByText("expiresInSeconds: 3599").isVisible()).toBe(true);
    });
  },
);
