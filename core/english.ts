import * as z from "zod/mini";

/** For shapes whose faults people read: `zod/mini` has no language of its own. */
export const english = { error: z.locales.en().localeError };
