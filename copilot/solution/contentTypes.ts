import type { ArtefactFiles } from "../files";
import { element, renderXml } from "../xml";

const contentType = "application/octet-stream";

/** `[Content_Types].xml` of an import zip: every part by its extension, and by name those that have none. */
export function contentTypes(files: ArtefactFiles): string {
  const withoutExtension = [...files.keys()].filter((path) => !/\.\w+$/.test(path)).sort();
  return renderXml(
    element("Types", { xmlns: "http://schemas.openxmlformats.org/package/2006/content-types" }, [
      element("Default", { Extension: "xml", ContentType: contentType }),
      element("Default", { Extension: "json", ContentType: contentType }),
      ...withoutExtension.map((path) =>
        element("Override", { PartName: `/${path}`, ContentType: contentType }),
      ),
    ]),
    { declaration: true },
  );
}
