import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ResourceState } from "../../../emulator/pulumi/checkpoint";
import { secret } from "../../../emulator/pulumi/properties";
import { sealerWith } from "../../../emulator/pulumi/sealing";
import { openStackState, type StackState } from "../../../emulator/pulumi/stackState";

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "stack-state-"));
  file = join(folder, "new", "test.checkpoint.json");
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const open = (passphrase = "one"): StackState =>
  openStackState({ project: "p", stack: "test", passphrase, file });

const resource = (urn: string): ResourceState => ({
  urn,
  type: "t",
  name: urn,
  custom: true,
  id: `id-${urn}`,
  inputs: { a: 1 },
  outputs: {},
  dependencies: [],
});

describe("openStackState", () => {
  it("has written down each change before it returns", () => {
    const state = open();
    state.record({ kind: "put", resource: resource("a") });
    state.record({ kind: "put", resource: resource("b") });
    state.record({ kind: "drop", urn: "a" });
    state.record({ kind: "begin", urn: "c", operation: "create" });
    state.record({ kind: "outputs", outputs: { o: 1 } });

    // No one called save: this is what a killed process leaves.
    const found = open().checkpoint();
    expect(found).toEqual(state.checkpoint());
    expect(found).toMatchObject({
      resources: [resource("b")],
      outputs: { o: 1 },
      pending: [{ urn: "c", operation: "create" }],
    });
  });

  it("keeps everything in one file once it is saved", () => {
    const state = open();
    state.record({ kind: "put", resource: resource("a") });
    state.save();

    expect(existsSync(`${file}.journal`)).toBe(false);
    expect(open().checkpoint()).toEqual(state.checkpoint());
  });

  it("puts what was registered last behind what was not", () => {
    const state = open();
    for (const urn of ["a", "b", "c"]) state.record({ kind: "put", resource: resource(urn) });
    state.record({ kind: "order", urns: ["c", "a", "gone"] });

    expect(state.checkpoint().resources.map(({ urn }) => urn)).toEqual(["b", "c", "a"]);
  });

  it("forgets an operation that ended, or that was reported", () => {
    const state = open();
    for (const urn of ["a", "b", "c"]) state.record({ kind: "begin", urn, operation: "create" });
    state.record({ kind: "put", resource: resource("a") });
    state.record({ kind: "abandon", urn: "b" });
    expect(state.checkpoint().pending.map(({ urn }) => urn)).toEqual(["c"]);

    state.forgetPending();
    expect(open().checkpoint().pending).toEqual([]);
  });

  it("drops a line that a kill cut in two", () => {
    open().record({ kind: "put", resource: resource("a") });
    appendFileSync(`${file}.journal`, '{"kind":"put","resour');

    expect(
      open()
        .checkpoint()
        .resources.map(({ urn }) => urn),
    ).toEqual(["a"]);
  });

  it.each([
    ["something that is not JSON", "{"],
    ["another file", '{"version":1,"resources":3}'],
  ])("refuses %s and leaves it alone", (_case, content) => {
    open();
    writeFileSync(file, content);

    expect(() => open()).toThrow(
      expect.objectContaining({ code: "STATE_DAMAGED", message: expect.stringContaining(file) }),
    );
    expect(readFileSync(file, "utf8")).toBe(content);
  });

  it("refuses a damaged journal", () => {
    open();
    writeFileSync(`${file}.journal`, "nonsense\n{}\n");

    expect(() => open()).toThrow(expect.objectContaining({ code: "STATE_DAMAGED" }));
  });

  it("tells another passphrase at once", () => {
    open("one");

    expect(() => open("two")).toThrow(expect.objectContaining({ code: "STATE_PASSPHRASE" }));
  });
});

describe("sealerWith", () => {
  const sealer = sealerWith(Buffer.alloc(32, 1));

  it("hides secrets at any depth, and gives them back", () => {
    const values = {
      plain: "p",
      list: [{ inner: secret("s3cret") }],
      whole: secret({ user: "u", key: "k3y" }),
    };
    const sealed = sealer.seal(values);

    expect(JSON.stringify(sealed)).not.toMatch(/s3cret|k3y/);
    expect(sealed).toMatchObject({ plain: "p" });
    expect(sealer.open(sealed)).toEqual(values);
  });

  it("seals the same secret differently each time", () => {
    expect(sealer.seal(secret("x"))).not.toEqual(sealer.seal(secret("x")));
  });

  it("notices a change", () => {
    const sealed = JSON.stringify(sealer.seal(secret("amount: 1")));
    const changed = sealed.replace(/:(.)([^:"]*)"\}$/, (_all, first: string, rest: string) => {
      return `:${first === "A" ? "B" : "A"}${rest}"}`;
    });

    expect(changed).not.toBe(sealed);
    expect(() => sealer.open(JSON.parse(changed))).toThrow();
  });
});
