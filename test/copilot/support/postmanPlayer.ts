interface PostmanRequest {
  readonly method: string;
  readonly auth: { readonly type: string; readonly bearer?: readonly { readonly value: string }[] };
  readonly header: readonly { readonly key: string; readonly value: string }[];
  readonly body?: { readonly urlencoded: readonly { readonly key: string; readonly value: string }[] };
  readonly url: {
    readonly raw: string;
    readonly protocol?: string;
    readonly host: readonly string[];
    readonly path: readonly string[];
    readonly query?: readonly { readonly key: string; readonly value: string }[];
  };
}

export interface PostmanCollection {
  readonly item: readonly { readonly name: string; readonly request: PostmanRequest }[];
}

export interface PostmanEnvironment {
  readonly values: readonly { readonly key: string; readonly value: string; readonly type: string }[];
}

/** Puts variables into text as Postman does; an unknown one stays and fails the request. */
function fill(text: string, values: ReadonlyMap<string, string>): string {
  return text.replaceAll(/\{\{(\w+)\}\}/g, (whole, key: string) => values.get(key) ?? whole);
}

/** The request that Postman sends. */
export function filledRequest(
  { method, auth, header, body, url }: PostmanRequest,
  values: ReadonlyMap<string, string>,
): Request {
  const headers = new Headers(header.map(({ key, value }): [string, string] => [key, value]));
  const [token] = auth.bearer ?? [];
  if (token !== undefined) headers.set("Authorization", `Bearer ${fill(token.value, values)}`);
  const form = body?.urlencoded.map(({ key, value }): [string, string] => [key, fill(value, values)]);
  return new Request(fill(url.raw, values), {
    method,
    headers,
    ...(form === undefined ? {} : { body: new URLSearchParams(form) }),
  });
}
