import { SourceMap } from "node:module";

const inlineMap = /^\/\/# sourceMappingURL=data:application\/json;base64,(\S+)$/m;

/**
 * Makes a function that brings stack traces of a bundle back to its sources. Node's own `--enable-source-maps` would
 * read the maps of hundreds of provider modules at each start, for the sake of an error that rarely comes.
 *
 * @param code The bundle, its map inline.
 * @param filename Under which it runs.
 * @param sourceFile Absolute path of a source, as the map names it.
 */
export function sourceStackReader(
  code: string,
  filename: string,
  sourceFile: (source: string) => string,
): (stack: string) => string {
  const encoded = inlineMap.exec(code)?.[1];
  if (encoded === undefined) return (stack) => stack;
  return (stack) => {
    const payload = JSON.parse(Buffer.from(encoded, "base64").toString("utf8")) as ConstructorParameters<
      typeof SourceMap
    >[0];
    const map = new SourceMap(payload);
    return stack.replaceAll(
      /(?<=[( ])([^\s()]+?):(\d+):(\d+)(?=\)?$)/gm,
      (place, file: string, line, column) => {
        if (file !== filename) return place;
        const origin = map.findOrigin(Number(line), Number(column));
        return "fileName" in origin
          ? `${sourceFile(origin.fileName)}:${origin.lineNumber}:${origin.columnNumber}`
          : place;
      },
    );
  };
}
