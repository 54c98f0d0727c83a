import type { Cloud } from "../core/cloud/clouds";
import { OperatorError } from "../core/errors";
import { pages as mostPages } from "./limits";
import { addressOf, type Service } from "./services";

/** One page of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  /** As the service wrote it; absent, null or empty on the last page. */
  readonly nextLink: string | null | undefined;
}

/**
 * Reads all pages of a list. Links lead to pages of the same service, each one once.
 *
 * @throws {OperatorError} `HOST_FOREIGN` for a link that leads elsewhere, `PAGES_ENDLESS` for a list without an end.
 */
export async function readPages<T>(
  cloud: Cloud,
  service: Service,
  first: URL,
  read: (page: URL) => Promise<Page<T>>,
): Promise<T[]> {
  const items: T[] = [];
  const seen = new Set<string>();
  let next: URL | undefined = first;
  while (next !== undefined) {
    if (seen.has(next.href)) throw endless(service, `page ${seen.size} links back to an earlier one`);
    if (seen.size === mostPages) throw endless(service, `it has more than ${mostPages} pages`);
    seen.add(next.href);
    const page: Page<T> = await read(next);
    for (const item of page.items) items.push(item);
    const link: string = page.nextLink ?? "";
    next = link === "" ? undefined : addressOf(cloud, service, link, next);
  }
  return items;
}

function endless(service: Service, reason: string): OperatorError {
  return new OperatorError(
    "PAGES_ENDLESS",
    `A list of ${service.name} does not end: ${reason}. Something between this machine and Azure changes answers; ` +
      "otherwise report it to Microsoft.",
  );
}
