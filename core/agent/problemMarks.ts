/**
 * What begins the text that flows and topics call "problem". The text then goes on with what the service said,
 * such as `HTTP 401: AADSTS7000222: …`, and is empty when all went well.
 */
export const problemMarks = {
  secretUnreadable: "The secret could not be read",
  logicAppUnreachable: "The Logic App did not take the call",
  noAnswer: "No answer",
  unreadable: "Not a token",
} as const;
