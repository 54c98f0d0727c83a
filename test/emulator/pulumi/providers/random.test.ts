import { describe, expect, it } from "vitest";
import { randomProvider } from "../../../../emulator/pulumi/providers/random";
import { oldValues } from "../../../../emulator/pulumi/resourceProvider";

const provider = randomProvider();
const urn = (type: string): string => `urn:pulumi:test::p::random:index/${type}::r`;
const stringUrn = urn("randomString:RandomString");

async function drawString(inputs: object): Promise<string> {
  const { id, outs } = await provider.create(stringUrn, { ...inputs });
  expect(outs["result"]).toBe(id);
  return id;
}

describe("randomProvider", () => {
  it.each([
    [{ length: 40, special: false, upper: false }, /^[a-z0-9]{40}$/],
    [{ length: 40, lower: false, upper: false, numeric: false, overrideSpecial: "-_" }, /^[-_]{40}$/],
    [{ length: 12, numeric: false, special: false, minUpper: 12 }, /^[A-Z]{12}$/],
  ])("draws a string by %j", async (inputs, pattern) => {
    expect(await drawString(inputs)).toMatch(pattern);
  });

  it("draws another one each time, and keeps the one that it drew", async () => {
    const inputs = { length: 20 };
    const [one, other] = [await drawString(inputs), await drawString(inputs)];
    expect(one).not.toBe(other);

    const found = await provider.read(one, stringUrn, oldValues({ result: one }, inputs));
    expect(found).toEqual({ id: one, props: { result: one }, inputs });
    await provider.delete(one, stringUrn, {});
  });

  it("draws anew whatever changes", async () => {
    const difference = await provider.diff("x", stringUrn, oldValues({}, { length: 4 }), { length: 5 });

    expect(difference.replaces).toEqual(["length"]);
  });

  it("writes bytes and GUIDs in the package's forms", async () => {
    const bytes = await provider.create(urn("randomId:RandomId"), { byteLength: 4, prefix: "p-" });
    const guid = await provider.create(urn("randomUuid:RandomUuid"), {});

    const hex = /^p-([0-9a-f]{8})$/.exec(String(bytes.outs["hex"]))?.[1] ?? "";
    expect(bytes.outs).toMatchObject({
      dec: `p-${Number.parseInt(hex, 16)}`,
      b64Std: `p-${Buffer.from(hex, "hex").toString("base64")}`,
      b64Url: `p-${bytes.id}`,
    });
    expect(guid.id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  it("names what it does not know", async () => {
    await expect(provider.check(urn("randomPet:RandomPet"), {}, {})).rejects.toThrow("randomPet:RandomPet");
  });
});
