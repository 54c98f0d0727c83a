import { clouds } from "../../core/cloud/clouds";
import { toggle, type Command } from "../shared/command";

/** `npm run token`. */
export const tokenCommand: Command = {
  name: "token",
  summary: "Explains an access token on this machine. Nothing is sent anywhere.",
  flags: {
    json: toggle("prints the explanation as JSON"),
    check: toggle(
      "verifies the signature with the issuer's published keys (not possible for Microsoft Graph tokens)",
    ),
  },
  notes: [
    "The token is read from standard input: piped, or typed without echo. Arguments are visible to other processes.",
    `  az account get-access-token --resource https://${clouds.public.vaultSuffix} --query accessToken -o tsv | npm run token`,
    "A token response (JSON with access_token) also works.",
    "Exit code: 0 explained (with --check: and the signature is valid), 1 the signature is not valid, 2 usage error.",
  ],
  run: async (flags, world) => (await import("./runToken.js")).runToken(flags, world),
};
