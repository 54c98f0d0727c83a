/** A name in an ARM ID, which leads to no other place once it is part of an address. */
const name = /^(?!\.+$)[\p{L}\p{N}_.()-]+$/u;
/** No ID has as many characters as this. */
const limit = 1000;

/**
 * Whether a text is the ARM ID of a resource; of a type, in any spelling of upper and lower case.
 *
 * @param types Such as `Microsoft.KeyVault/vaults`, then what lies within it. None: a resource of any type.
 */
export function isArmId(id: string, ...types: readonly string[]): boolean {
  const given = id.split("/");
  if (id.length >= limit) return false;
  if (types.length === 0) return id.startsWith("/subscriptions/") && isNamed(given, ["", "subscriptions"]);
  // Compared word by word: V8 takes milliseconds to compile these names as one pattern.
  const words = ["", "subscriptions", undefined, "resourceGroups", undefined, "providers"];
  const expected = [...words, ...types.flatMap((type) => [...type.split("/"), undefined])];
  return given.length === expected.length && isNamed(given, expected);
}

function isNamed(given: readonly string[], expected: readonly (string | undefined)[]): boolean {
  return given.every((part, index) => {
    const word = expected[index];
    return word === undefined ? name.test(part) : word.toLowerCase() === part.toLowerCase();
  });
}
