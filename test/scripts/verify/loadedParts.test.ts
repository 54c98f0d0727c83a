import { build } from "esbuild";
import { expect, test } from "vitest";

test("verify loads the small form of zod alone, which takes a fraction of the time of the other", async () => {
  const { metafile } = await build({
    entryPoints: ["scripts/verify/main.ts"],
    bundle: true,
    platform: "node",
    packages: "bundle",
    external: ["@azure/identity", "undici"],
    metafile: true,
    write: false,
  });
  const inputs = Object.keys(metafile.inputs);

  expect(inputs.filter((input) => input.includes("/zod/v4/mini/"))).not.toEqual([]);
  expect(inputs.filter((input) => input.includes("/zod/v4/classic/"))).toEqual([]);
});
