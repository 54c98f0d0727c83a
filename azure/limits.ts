/** Limits of what answers may cost; a healthy tenant stays far below each. */

/** Bytes of one answer's body: the largest known one, Microsoft Graph's own service principal, has 1.5 million. */
export const answerBytes = 16 * 1024 * 1024;

/** Bytes of what a command reads from a file or standard input: the outputs of 1,000 apps have 1 million. */
export const inputBytes = 16 * 1024 * 1024;

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

/** What @azure/identity tries one after the other, tools included, may take so long. */
export const signInSeconds = 120;

/**
 * Waits for so long at most; what is waited for may go on.
 *
 * @throws {Error} when the time is over.
 */
export async function within<T>(seconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${seconds} s`));
    }, seconds * 1000);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}
