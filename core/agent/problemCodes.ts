/**
 * Codes of problems that flows, Logic Apps and topics find by themselves. Others are `AADSTS<number>`, as Entra refused a
 * sign-in, and `HTTP_<status>`, as a service answered; `SECRET_` and `LOGIC_APP_` before them say that it was not
 * Microsoft Graph. The problem's text is for people and has no form.
 */
export const problemCodes = {
  noAnswer: "NO_ANSWER",
  /** Entra answered, and not with a token. */
  notAToken: "NOT_A_TOKEN",
  /** An input could not become part of a request without changing it. */
  unfitInput: "INPUT_REFUSED",
  /** Microsoft Graph answered, and not with what was asked for. */
  unreadableAnswer: "ANSWER_UNREADABLE",
} as const;

/** What comes before a code when the secret could not be read, and when the Logic App did not take the call. */
export const problemOrigins = { secret: "SECRET_", logicApp: "LOGIC_APP_" } as const;
