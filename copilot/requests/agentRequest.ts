/** A request of Microsoft Graph that an agent makes for its user. {@link requestTable} has the known ones. */
export interface AgentRequest {
  /** By which the command line names it; files are called so too. */
  readonly key: string;
  /** What topic, flow and tool are called. */
  readonly title: string;
  /** What it does, in words by which a model chooses it. */
  readonly description: string;
  /** Application permissions of which one is enough. Empty for a request of one's own, which nothing judges. */
  readonly permissions: readonly string[];
  readonly method: "GET" | "POST";
  /** From the version on; `{name}` is the parameter of that name, `{mailbox}` the mailbox of the settings. */
  readonly path: string;
  readonly parameters: readonly RequestParameter[];
  /** What a POST sends: texts may hold `{name}`. */
  readonly body?: JsonTemplate;
  /** Properties of each returned object that the agent gets, such as `start/dateTime`. None where nothing comes back. */
  readonly fields: readonly string[];
  /** Of a request that changes something. */
  readonly change?: RequestChange;
  /** Whether every app gets it that has the permission. Others expose personal data or change something. */
  readonly byDefault: boolean;
  /** The API that is asked. Default: Microsoft Graph. */
  readonly api?: RequestApi;
  /** Property of the answer that has the list; "" where the answer itself is the list. Default: `value`. */
  readonly list?: string;
}

/** An API other than Microsoft Graph. Flows and topics read where it is and what tokens are for from variables. */
export interface RequestApi {
  /** As users see it: letters, digits and spaces. */
  readonly name: string;
  /** What tokens are asked for, without `/.default`. */
  readonly audience: string;
  /** Scheme and host, such as `https://orders.contoso.com`. */
  readonly baseUrl: string;
  /** What an app needs there beside permissions, for people. */
  readonly note?: string;
}

/** What a request is answered by, for people. */
export function serviceName({ api }: Pick<AgentRequest, "api">): string {
  return api?.name ?? "Microsoft Graph";
}

/** What is said around a change. */
export interface RequestChange {
  /** What the user is asked first. */
  readonly question: string;
  readonly done: string;
  /** Said when no answer came: it may be done, and a second try could do it twice. */
  readonly unsure: string;
}

/** A value that the conversation gives. */
export interface RequestParameter {
  /** Lower-case letters. */
  readonly name: string;
  readonly title: string;
  /** For the model that fills it in. */
  readonly description: string;
  /** What a topic asks its user. */
  readonly question: string;
  readonly place: Place;
}

/**
 * Where a value goes, which decides how it is encoded and what is refused: `key`, a quoted key in the path; `segment`, a
 * part of the path; `literal`, a quoted text of `$filter`; `value`, a value of the query; `body`, a text of the body.
 */
export type Place = "key" | "segment" | "literal" | "value" | "body";

/** JSON whose texts may hold parameters. */
export type JsonTemplate =
  string | boolean | readonly JsonTemplate[] | { readonly [key: string]: JsonTemplate };

/** Whether an app with these permissions may make a request. */
export function isAllowed({ permissions }: AgentRequest, granted: readonly string[]): boolean {
  return permissions.some((permission) => granted.includes(permission));
}

/** Whether a request needs the mailbox of the settings: a conversation must not choose whose mail is read or sent. */
export function needsMailbox({ path }: Pick<AgentRequest, "path">): boolean {
  return path.includes("{mailbox}");
}

/** Puts the mailbox of the settings into a request. */
export function withMailbox(request: AgentRequest, mailbox: string): AgentRequest {
  const key = encodeURIComponent(mailbox.replaceAll("'", "''"));
  return { ...request, path: request.path.replaceAll("{mailbox}", key) };
}

/** What stands between two objects of an answer. */
export function separator({ fields }: Pick<AgentRequest, "fields">): string {
  return fields.length === 1 ? ", " : "; ";
}

/** What the answer is, for people and models. */
export function answerText({ fields, change }: Pick<AgentRequest, "fields" | "change">): string {
  if (change !== undefined) return "What was done";
  const [first = "", ...others] = fields;
  return others.length === 0
    ? `${first} of each object, separated by commas`
    : `${first} (${others.join(", ")}) of each object, separated by semicolons`;
}
