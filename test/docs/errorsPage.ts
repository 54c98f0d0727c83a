import { errorCodes } from "../../core/errorCodes";

/** docs/errors.md: every error code with its cause and fix. */
export function errorsPage(): string {
  const rows = Object.entries(errorCodes).map(
    ([code, { cause, fix }]) => `## \`${code}\`\n\n${cause}\n\nFix: ${fix}`,
  );
  return [introduction, ...rows].join("\n\n");
}

const introduction = `# Error codes

<!-- Generated from core/errorCodes.ts. To update it: npx vitest run test/docs -u -->

An error prints a message with the values that it is about, and the address of its row here. Codes of Entra, Microsoft Graph and Key Vault, such as AADSTS7000215, are in
[troubleshooting](troubleshooting.md).`;
