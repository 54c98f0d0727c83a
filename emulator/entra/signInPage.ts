import type { Tenant } from "../tenant/tenant";
import type { Client } from "./clients";
import type { MissingConsent } from "./consent";
import { describeRefusal, type EntraError } from "./entraError";

/** Parameters of the sign-in, which each page hands on as hidden fields. */
type Fields = readonly (readonly [name: string, value: string])[];

/** The page on which a user of the tenant signs in. It asks for no password: any user can be chosen. */
export function signInPage(
  client: Client,
  fields: Fields,
  loginHint: string | null,
  tenant: Tenant,
): Response {
  const people = Object.values(tenant.state.directory.users).map(({ userPrincipalName, displayName }) => {
    const isHinted = userPrincipalName.toLowerCase() === loginHint?.toLowerCase();
    return `<option value="${escape(userPrincipalName)}"${isHinted ? " selected" : ""}>${escape(displayName)} (${escape(userPrincipalName)})</option>`;
  });
  return page(
    "Sign in",
    `<p>to continue to ${escape(client.displayName)}</p>
<form method="post">${hidden(fields)}
<select name="login" aria-label="Account">${people.join("")}</select>
<button>Sign in</button>
</form>`,
  );
}

/** The page on which a user consents for itself. */
export function consentPage(client: Client, fields: Fields, missing: readonly MissingConsent[]): Response {
  const items = missing.map(({ description }) => `<li>${escape(description)}</li>`);
  return page(
    "Permissions requested",
    `<p>${escape(client.displayName)} would like to:</p><ul>${items.join("")}</ul>
<form method="post">${hidden(fields)}
<button name="consent" value="accept">Accept</button>
<button name="consent" value="cancel">Cancel</button>
</form>`,
  );
}

/** The page on which a user types the code that a device shows. */
export function deviceCodePage(): Response {
  return page(
    "Enter code to allow access",
    `<form method="post"><input name="otc" aria-label="Code" autocomplete="off"><button>Next</button></form>`,
  );
}

/** A page that has nothing to ask. */
export function noticePage(title: string, text: string): Response {
  return page(title, `<p>${escape(text)}</p>`);
}

/** A refusal that must not go back to an address that nothing vouches for. */
export function refusalPage(error: EntraError, tenant: Tenant): Response {
  const { description } = describeRefusal(error, tenant);
  return page(
    "Sorry, but we’re having trouble signing you in.",
    `<p>${escape(description)}</p>`,
    error.status,
  );
}

/** Hands an answer to the client by a form that sends itself. */
export function formPostPage(address: string, fields: Fields): Response {
  return page(
    "Working...",
    `<form method="post" action="${escape(address)}">${hidden(fields)}<button>Continue</button></form>
<script>document.forms[0].submit();</script>`,
  );
}

function page(title: string, body: string, status = 200): Response {
  return new Response(
    `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>${escape(title)}</title></head>
<body><main><h1>${escape(title)}</h1>
${body}
<p><small>Emulated tenant on this machine.</small></p></main></body></html>
`,
    {
      status,
      headers: { "Content-Type": "text/html; charset=utf-8", "Cache-Control": "no-store, no-cache" },
    },
  );
}

function hidden(fields: Fields): string {
  return fields
    .map(([name, value]) => `<input type="hidden" name="${escape(name)}" value="${escape(value)}">`)
    .join("");
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}
