/** Whether an IPv4 address lies in a range such as `203.0.113.0/24`; without a length it is that address only. */
export function isInRange(address: string, range: string): boolean {
  const [base = "", length = "32"] = range.split("/");
  const size = 2 ** (32 - Number(length));
  // Division, because shifts by 32 do nothing in JavaScript.
  const network = (text: string): number => Math.floor(toNumber(text) / size);
  return network(address) === network(base);
}

function toNumber(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}
