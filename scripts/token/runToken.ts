import { chooseCloud } from "../../core/cloud/chosenCloud";
import { jsonText } from "../../core/sinks";
import { OperatorError } from "../../core/errors";
import { azureClient } from "../../azure/azureClient";
import { UsageError, type ExitCode, type Flags } from "../shared/command";
import { parseJson } from "../../azure/json";
import { checkSignature } from "./checkSignature";
import { explainToken } from "./explainToken";
import { tokenText } from "./tokenText";
import { bareToken, decodeToken, type DecodedToken } from "../../azure/tokenClaims";
import type { World } from "../shared/world";

/** Carries out `npm run token`. */
export async function runToken(flags: Flags, world: World): Promise<ExitCode> {
  if (world.stdin.kind === "none") {
    throw new UsageError(
      "There is no token on standard input. Pipe one in, or run the command in a terminal and paste it.",
    );
  }
  const token = accessTokenIn(await world.stdin.read());
  const decoded = decode(token);
  const signature = flags.on("check")
    ? await checkSignature(azureClient(world, { waitSeconds: 30 }), token, decoded)
    : undefined;
  const explanation = explainToken(chooseCloud(world.env).cloud, decoded, world.now());
  world.print(
    flags.on("json")
      ? jsonText({ ...explanation, ...(signature === undefined ? {} : { signature }) })
      : tokenText(explanation, world.now(), signature),
  );
  return signature === undefined || signature.result === "valid" ? 0 : 1;
}

/** The token in what was given: by itself, after "Bearer", or inside a token response. */
function accessTokenIn(text: string): string {
  const trimmed = text.trim();
  if (trimmed === "") throw new UsageError("Standard input was empty. Pipe a token in.");
  if (!trimmed.startsWith("{")) return bareToken(trimmed);
  const response = parseJson(trimmed);
  if (typeof response === "object" && response !== null) {
    for (const name of ["access_token", "accessToken", "id_token"]) {
      const value = (response as Readonly<Record<string, unknown>>)[name];
      if (typeof value === "string") return bareToken(value);
    }
  }
  throw new UsageError("This is JSON without an access_token. Give the token response, or only the token.");
}

function decode(token: string): DecodedToken {
  try {
    return decodeToken(token);
  } catch (error) {
    if (error instanceof OperatorError) throw new UsageError(error.message, { cause: error });
    throw error;
  }
}
