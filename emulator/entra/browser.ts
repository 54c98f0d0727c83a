/** What a user does on the pages of the sign-in. */
export interface UserChoices {
  /** Sign-in name. */
  readonly login: string;
  /** Default: the user accepts. */
  readonly consent?: "accept" | "cancel";
  /** The code that a device shows. */
  readonly userCode?: string;
}

/** Where a browser ended: at an address of the client, which it does not open, or on a page. */
export type BrowserEnd = { readonly address: string } | { readonly page: string };

/**
 * A browser with its cookies, and a user in front of it: opens an address and fills in the pages of the sign-in until
 * the client's own address comes, or a page that has nothing to fill in.
 */
export class Browser {
  #cookies = "";

  constructor(private readonly send: (request: Request) => Promise<Response>) {}

  async open(address: string, user: UserChoices): Promise<BrowserEnd> {
    let request = new Request(address, { redirect: "manual" });
    // A sign-in has three pages at most.
    for (let step = 0; step < 5; step += 1) {
      if (this.#cookies !== "") request.headers.set("Cookie", this.#cookies);
      const response = await this.send(request);
      const [cookie] = (response.headers.get("Set-Cookie") ?? "").split(";");
      if (cookie !== undefined && cookie !== "") this.#cookies = cookie;
      const location = response.headers.get("Location");
      if (location !== null) return { address: location };
      const page = await response.text();
      const fields = fillIn(page, user);
      if (fields === undefined) return { page };
      request = new Request(request.url.split("?")[0] ?? "", { method: "POST", body: fields });
    }
    return { page: "The sign-in asks again and again." };
  }
}

function fillIn(
  page: string,
  { login, consent = "accept", userCode }: UserChoices,
): URLSearchParams | undefined {
  if (!page.includes("<form") || page.includes("document.forms")) return undefined;
  const fields = new URLSearchParams();
  for (const [, name = "", value = ""] of page.matchAll(
    /<input type="hidden" name="([^"]*)" value="([^"]*)">/g,
  )) {
    fields.append(unescape(name), unescape(value));
  }
  if (page.includes('name="login" aria-label')) fields.set("login", login);
  if (page.includes('name="consent"')) fields.set("consent", consent);
  if (page.includes('name="otc" aria-label')) fields.set("otc", userCode ?? "");
  return fields;
}

const characters: Readonly<Record<string, string>> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&quot;": '"',
  "&#39;": "'",
};

function unescape(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => characters[entity] ?? entity);
}
