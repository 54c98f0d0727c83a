/**
 * Text from elsewhere, safe to print on one line: names in a directory and claims in a token are somebody
 * else's, and control characters would reach the terminal as commands.
 */
export function printable(text: string): string {
  return text.replace(/\p{Cc}/gu, "\uFFFD");
}
