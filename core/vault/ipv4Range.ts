import { isIP } from "node:net";

/** Whether it is an IPv4 address, or a range such as `203.0.113.0/24`. */
export function isIpv4Range(text: string): boolean {
  const [address, bits, ...rest] = text.split("/");
  if (address === undefined || rest.length > 0 || isIP(address) !== 4) return false;
  return bits === undefined || (/^\d{1,2}$/.test(bits) && Number(bits) <= 32);
}

/** An address is written as the range that holds it alone, as Azure does: so a refresh finds no difference. */
export function asRange(addressOrRange: string): string {
  return addressOrRange.includes("/") ? addressOrRange : `${addressOrRange}/32`;
}

/** Whether an IPv4 address lies in a range such as `203.0.113.0/24`; without a length it is that address alone. */
export function isInRange(address: string, range: string): boolean {
  const [base = "", length = "32"] = range.split("/");
  const ignoredBits = 32 - Number(length);
  // Division, because shifts by 32 do nothing in JavaScript.
  const network = (text: string): number => Math.floor(toNumber(text) / 2 ** ignoredBits);
  return network(address) === network(base);
}

function toNumber(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}
