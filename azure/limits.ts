/** Limits of what answers may cost; a healthy tenant stays far below each. */

/** Bytes of one answer's body: the largest known one, Microsoft Graph's own service principal, has 1.5 million. */
export const answerBytes = 16 * 1024 * 1024;

/** Characters of all answers of one client together. */
export const runCharacters = 256 * 1024 * 1024;

/** Pages of one list; a page has 100 objects or more. */
export const pages = 1000;

/** Characters of another system's text, such as an error's message, that a message repeats. */
export const foreignCharacters = 600;

/** Levels of a JSON document. */
export const jsonDepth = 100;

/** Seconds that the requests of one client may take beyond the time for waiting. */
export const workSeconds = 300;

/** A text of another system, cut to a length that a message can hold. */
export function shortened(text: string, characters = foreignCharacters): string {
  return text.length <= characters
    ? text
    : `${text.slice(0, characters)}… (${text.length} characters in all)`;
}
