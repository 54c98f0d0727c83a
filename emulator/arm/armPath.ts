/** What an ARM path names. Case is kept as given; compare with lower case. */
export interface ArmPath {
  /**
   * Where the provider part hangs: `/subscriptions/…`, a group, a resource, or empty for the tenant. Without a
   * provider part this is the longest scope in the path.
   */
  readonly scope: string;
  /** Such as `Microsoft.KeyVault`; absent when the path has no provider part. */
  readonly namespace?: string;
  /** Type names, such as `vaults`, `secrets`. One more than there are names for a collection or an action. */
  readonly types: readonly string[];
  readonly names: readonly string[];
  /** What follows a scope without provider part, such as `resources` or `locations`. */
  readonly rest: readonly string[];
}

/** What a scope such as `/subscriptions/s/resourceGroups/g` or a resource's ID holds. */
export interface ScopeParts {
  readonly subscriptionId?: string;
  readonly resourceGroupName?: string;
  /** The full type and the name path of the resource, without those of one that it extends. */
  readonly resource?: { readonly type: string; readonly names: readonly string[] };
}

/**
 * Takes an ARM path apart at its last `/providers/`.
 *
 * @param pathname Percent-encoded, as in a URL.
 */
export function parseArmPath(pathname: string): ArmPath {
  const segments = pathname
    .split("/")
    .filter((segment) => segment !== "")
    .map(decodeURIComponent);
  const at = segments.findLastIndex((segment) => segment.toLowerCase() === "providers");
  if (at >= 0) {
    const [namespace, ...tail] = segments.slice(at + 1);
    return {
      scope: join(segments.slice(0, at)),
      ...(namespace === undefined ? {} : { namespace }),
      types: tail.filter((_, index) => index % 2 === 0),
      names: tail.filter((_, index) => index % 2 === 1),
      rest: namespace === undefined ? ["providers"] : [],
    };
  }
  const length = scopeLength(segments);
  return { scope: join(segments.slice(0, length)), types: [], names: [], rest: segments.slice(length) };
}

/** Takes a scope or a resource's ID apart. */
export function parseScope(scope: string): ScopeParts {
  const segments = scope.split("/").filter((segment) => segment !== "");
  const [subscriptions, subscriptionId, groups, resourceGroupName] = segments;
  const at = segments.findLastIndex((segment) => segment.toLowerCase() === "providers");
  const tail = at < 0 ? [] : segments.slice(at + 2);
  const namespace = segments[at + 1];
  return {
    ...(subscriptions?.toLowerCase() === "subscriptions" && subscriptionId !== undefined
      ? { subscriptionId }
      : {}),
    ...(groups?.toLowerCase() === "resourcegroups" && resourceGroupName !== undefined
      ? { resourceGroupName }
      : {}),
    ...(at < 0 || namespace === undefined || tail.length < 2
      ? {}
      : {
          resource: {
            type: [namespace, ...tail.filter((_, index) => index % 2 === 0)].join("/"),
            names: tail.filter((_, index) => index % 2 === 1),
          },
        }),
  };
}

/** Whether a scope is another one or lies inside it; case does not matter. The tenant's scope is `/` or empty. */
export function isWithin(scope: string, outer: string): boolean {
  const inner = scope.toLowerCase().replace(/\/+$/, "");
  const around = outer.toLowerCase().replace(/\/+$/, "");
  return inner === around || inner.startsWith(`${around}/`);
}

function join(segments: readonly string[]): string {
  return segments.map((segment) => `/${segment}`).join("");
}

function scopeLength(segments: readonly string[]): number {
  if (segments[0]?.toLowerCase() !== "subscriptions" || segments.length < 2) return 0;
  return segments[2]?.toLowerCase() === "resourcegroups" && segments.length > 3 ? 4 : 2;
}
