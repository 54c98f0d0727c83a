import { isIP } from "node:net";

/** Whether it is an IPv4 address, or a range such as `203.0.113.0/24`. */
export function isIpv4Range(text: string): boolean {
  const [address, bits, ...rest] = text.split("/");
  if (address === undefined || rest.length > 0 || isIP(address) !== 4) return false;
  return bits === undefined || (/^\d{1,2}$/.test(bits) && Number(bits) <= 32);
}

/**
 * Ranges that Key Vault's firewall refuses, since no public address lies in them: first and last address, and what Azure
 * calls them. The words for private addresses are Azure's own; for the others they are made alike.
 *
 * @see https://learn.microsoft.com/azure/key-vault/general/network-security (read 2026-11): "Only public IP addresses"
 */
const forbiddenRanges = [
  ["0.0.0.0", "0.255.255.255", "this network"],
  ["10.0.0.0", "10.255.255.255", "private IP addresses"],
  ["100.64.0.0", "100.127.255.255", "shared IP addresses"],
  ["127.0.0.0", "127.255.255.255", "loopback IP addresses"],
  ["169.254.0.0", "169.254.255.255", "link-local IP addresses"],
  ["172.16.0.0", "172.31.255.255", "private IP addresses"],
  ["192.168.0.0", "192.168.255.255", "private IP addresses"],
  ["224.0.0.0", "239.255.255.255", "multicast IP addresses"],
  ["240.0.0.0", "255.255.255.255", "reserved IP addresses"],
] as const;

/**
 * The forbidden range that a given one lies in, such as `10.0.0.0–10.255.255.255 (private IP addresses)`; undefined for
 * one that reaches a public address. The whole of IPv4, `0.0.0.0/0`, reaches them all.
 */
export function forbiddenRangeOf(addressOrRange: string): string | undefined {
  const [first, last] = boundsOf(addressOrRange);
  const found = forbiddenRanges.find(([from, to]) => first >= toNumber(from) && last <= toNumber(to));
  return found === undefined ? undefined : `${found[0]}–${found[1]} (${found[2]})`;
}

function boundsOf(range: string): [first: number, last: number] {
  const [base = "", length = "32"] = range.split("/");
  const size = 2 ** (32 - Number(length));
  const first = Math.floor(toNumber(base) / size) * size;
  return [first, first + size - 1];
}

/** An address is written as the range of only this address, as Azure does: so a refresh finds no difference. */
export function asRange(addressOrRange: string): string {
  return addressOrRange.includes("/") ? addressOrRange : `${addressOrRange}/32`;
}

/** Whether an IPv4 address lies in a range such as `203.0.113.0/24`; without a length it is only that address. */
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
