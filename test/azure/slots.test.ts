import { describe, expect, it } from "vitest";
import { Slots } from "../../azure/slots";

/** Work that ends when it is told to. */
class Controlled {
  finish!: () => void;
  fail!: () => void;

  constructor(
    readonly name: string,
    readonly begun: string[],
  ) {}

  readonly work = (): Promise<string> => {
    this.begun.push(this.name);
    return new Promise((resolve, reject) => {
      this.finish = () => {
        resolve(this.name);
      };
      this.fail = () => {
        reject(new Error(`${this.name} failed`));
      };
    });
  };
}

describe("Slots", () => {
  it("lets so many work at a time and the next in turn, however one ends", async () => {
    const begun: string[] = [];
    const slots = new Slots(2);
    const [a, b] = [new Controlled("a", begun), new Controlled("b", begun)];
    const [c, d] = [new Controlled("c", begun), new Controlled("d", begun)];
    const [first, second, third, fourth] = [a, b, c, d].map(({ work }) => slots.hold(work));
    expect(begun).toEqual(["a", "b"]);

    b.fail();
    await expect(second).rejects.toThrow("b failed");
    expect(begun).toEqual(["a", "b", "c"]);

    a.finish();
    expect(await first).toBe("a");
    expect(begun).toEqual(["a", "b", "c", "d"]);

    c.finish();
    d.finish();
    expect([await third, await fourth]).toEqual(["c", "d"]);
    expect(await slots.hold(() => Promise.resolve("e"))).toBe("e");
  });
});
