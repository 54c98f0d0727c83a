import { OperatorError } from "../../core/errors";
import { azureClient } from "../../azure/azureClient";
import { MisuseError, type Command } from "../shared/command";
import { parseJson } from "../../azure/serviceRefusal";
import { checkSignature } from "./checkSignature";
import { explainToken } from "./explainToken";
import { tokenText } from "./tokenText";
import { bareToken, decodeToken, type DecodedToken } from "../shared/tokenClaims";

/** `npm run token`. */
export const tokenCommand: Command = {
  name: "token",
  summary: "Explains a token in plain words, here instead of on a web page: nothing leaves this machine.",
  flags: {
    json: { type: "boolean", help: "prints the explanation as JSON" },
    check: {
      type: "boolean",
      help: "verifies the signature with the issuer's published keys (not for Graph's tokens)",
    },
  },
  notes: [
    "The token comes on standard input, from a pipe or typed unseen; never as an argument, which others could read.",
    "  az account get-access-token --resource https://vault.azure.net --query accessToken -o tsv | npm run token",
    "A whole token response (JSON with access_token) will do too.",
    "Exit code: 0 explained (with --check: and the signature is valid), 1 --check found it is not, 2 misused.",
  ],
  run: async (flags, world) => {
    if (world.stdin.kind === "none") {
      throw new MisuseError(
        "There is no token on standard input. Pipe one in, or run this in a terminal and paste it.",
      );
    }
    const token = accessTokenIn(await world.stdin.read());
    const decoded = decode(token);
    const signature = flags.on("check")
      ? await checkSignature(azureClient(world, { waitSeconds: 30 }), token, decoded)
      : undefined;
    const explanation = explainToken(decoded, world.now());
    world.print(
      flags.on("json")
        ? JSON.stringify({ ...explanation, ...(signature === undefined ? {} : { signature }) }, undefined, 2)
        : tokenText(explanation, world.now(), signature),
    );
    return signature === undefined || signature.result === "valid" ? 0 : 1;
  },
};

/** The token in what was given: alone, after "Bearer", or inside a token response. */
function accessTokenIn(text: string): string {
  const trimmed = text.trim();
  if (trimmed === "") throw new MisuseError("Standard input was empty. Pipe a token in.");
  if (!trimmed.startsWith("{")) return bareToken(trimmed);
  const response = parseJson(trimmed);
  if (typeof response === "object" && response !== null) {
    for (const name of ["access_token", "accessToken", "id_token"]) {
      const value = (response as Readonly<Record<string, unknown>>)[name];
      if (typeof value === "string") return bareToken(value);
    }
  }
  throw new MisuseError("This is JSON without an access_token. Give the token response, or the token alone.");
}

function decode(token: string): DecodedToken {
  try {
    return decodeToken(token);
  } catch (error) {
    if (error instanceof OperatorError) throw new MisuseError(error.message, { cause: error });
    throw error;
  }
}
