import fc from "fast-check";

const names = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "hasOwnProperty",
  "length",
  "",
  "then",
  "0",
];

/** Unexpected texts: control characters, halves of characters, numbers and dates that are none, long ones. */
const hostileString = fc.oneof(
  fc.constantFrom(
    ...names,
    "\u0000",
    "\n::stop-commands::x",
    "\u001b[2J",
    "\u202e",
    "\ud800",
    "9".repeat(400),
    "1e308",
    "-1",
    "9999-99-99T99:99:99Z",
    "+275760-09-13T00:00:00.001Z",
    "https://evil.example/",
    "//evil.example/x",
    "/subscriptions/../..",
    "%",
    "x".repeat(5_000),
  ),
  fc.string({ maxLength: 30 }),
);

const hostileNumber = fc.constantFrom(
  0,
  -0,
  -1,
  0.5,
  1e300,
  -1e300,
  2 ** 53,
  8.64e15 + 1,
  253_402_300_800,
  Number.MAX_VALUE,
  Number.MIN_VALUE,
);

function nested(depth: number, kind: "array" | "object"): unknown {
  let value: unknown = 1;
  for (let level = 0; level < depth; level += 1) value = kind === "array" ? [value] : { value };
  return value;
}

/** A value of JSON of any type, shape and size. */
export const hostileValue: fc.Arbitrary<unknown> = fc.oneof(
  hostileString,
  hostileNumber,
  fc.constantFrom(null, true, false),
  fc.jsonValue({ maxDepth: 3 }),
  fc.dictionary(fc.constantFrom(...names), fc.oneof(hostileString, hostileNumber), { noNullPrototype: true }),
  fc.array(fc.oneof(hostileString, hostileNumber, fc.constant(null)), { maxLength: 4 }),
  fc.constantFrom(nested(500, "array"), nested(500, "object")),
);

/** The same JSON with something else in one place, or without it. */
export function damaged(value: unknown): fc.Arbitrary<unknown> {
  const places = placesOf(value);
  return fc
    .tuple(
      fc.constantFrom(...places),
      fc.oneof({ weight: 6, arbitrary: hostileValue }, { weight: 1, arbitrary: fc.constant(undefined) }),
    )
    .map(([place, other]) => replaced(value, place, other));
}

/** JSON as it may arrive: damaged, cut off, of another kind or nested deeper than a stack. */
export function damagedText(value: unknown): fc.Arbitrary<string> {
  const text = JSON.stringify(value);
  return fc.oneof(
    { weight: 6, arbitrary: damaged(value).map((one) => JSON.stringify(one ?? null)) },
    { weight: 1, arbitrary: fc.nat(text.length).map((length) => text.slice(0, length)) },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        "",
        "null",
        "[]",
        "<html>Please sign in</html>",
        "\u0000",
        "[".repeat(100_000),
        `${'{"a":'.repeat(50_000)}1${"}".repeat(50_000)}`,
        '{"__proto__":{"polluted":true}}',
      ),
    },
  );
}

type Place = readonly (string | number)[];

function placesOf(value: unknown, place: Place = []): Place[] {
  if (typeof value !== "object" || value === null) return [place];
  const inner = Array.isArray(value)
    ? value.slice(0, 2).flatMap((item: unknown, index) => placesOf(item, [...place, index]))
    : Object.entries(value).flatMap(([key, item]) => placesOf(item, [...place, key]));
  return [place, ...inner];
}

function replaced(value: unknown, [step, ...rest]: Place, other: unknown): unknown {
  if (step === undefined) return other;
  if (Array.isArray(value)) {
    return value.map((item: unknown, index) => (index === step ? replaced(item, rest, other) : item));
  }
  const entries = Object.entries(value as object).map(([key, item]): [string, unknown] => [
    key,
    key === step ? replaced(item, rest, other) : item,
  ]);
  return Object.fromEntries(entries);
}
