const pattern = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/**
 * Reads a duration such as `P180D` or `P4DT12H`, as Graph's policies have them: days and less, since OData's
 * `Edm.Duration` has no months and no years.
 *
 * @returns Milliseconds; `undefined` for what is no duration.
 */
export function isoDurationMilliseconds(text: string): number | undefined {
  const match = pattern.exec(text);
  if (match === null || /^P$|T$/.test(text)) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match
    .slice(1)
    .map((part) => Number((part as string | undefined) ?? 0));
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000;
}
