import type * as z from "zod/mini";
import { jsonDepth } from "./limits";

/**
 * Reads JSON that must have a shape.
 *
 * @returns undefined for any other text.
 */
export function readJson<T>(shape: z.ZodMiniType<T>, text: string): T | undefined {
  return fitted(shape, parseJson(text));
}

/** The value as its shape describes it; undefined where it has another. */
export function fitted<T>(shape: z.ZodMiniType<T>, value: unknown): T | undefined {
  // zod would compile a parser for the shape, which takes longer than reading a few values.
  return shape.safeParse(value, { jitless: true }).data;
}

/** undefined when the text is no JSON, or nested deeper than any document that is read here. */
export function parseJson(text: string): unknown {
  if (depthOf(text) > jsonDepth) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** How deep brackets nest outside strings; what follows would recurse as deep. */
function depthOf(text: string): number {
  let [depth, deepest] = [0, 0];
  let inString = false;
  for (let index = 0; index < text.length; index += 1) {
    // By code: the directory's largest answers have a million characters.
    switch (text.charCodeAt(index)) {
      case backslash:
        if (inString) index += 1;
        break;
      case quote:
        inString = !inString;
        break;
      case openBrace:
      case openBracket:
        if (!inString) deepest = Math.max(deepest, ++depth);
        break;
      case closeBrace:
      case closeBracket:
        if (!inString) depth -= 1;
    }
  }
  return deepest;
}

const [quote, backslash] = [0x22, 0x5c];
const [openBrace, closeBrace] = [0x7b, 0x7d];
const [openBracket, closeBracket] = [0x5b, 0x5d];
