import { describe, expect, it } from "vitest";
import { element, nilElement, renderXml, textElements } from "../../copilot/xml";
import { child, readXml } from "./support/xmlReader";

describe("renderXml", () => {
  it("lays out elements, empty elements, texts and missing values as exports do", () => {
    const root = element("Root", { version: "1" }, [
      element("Empty"),
      nilElement("City"),
      ...textElements({ Managed: 0, Name: "x" }),
    ]);
    expect(renderXml(root, { declaration: true })).toBe(
      '<?xml version="1.0" encoding="utf-8"?>\n<Root version="1">\n  <Empty />\n' +
        '  <City xsi:nil="true"></City>\n  <Managed>0</Managed>\n  <Name>x</Name>\n</Root>\n',
    );
  });

  it("keeps every character that XML can hold, in text and in attributes", () => {
    const awkward = `a<b & "c" 'd' ]]> \n\t\r é 😀`;
    const text = renderXml(element("R", { a: awkward }, [element("T", {}, awkward)]), { declaration: false });
    const root = readXml(text);
    expect([root.attributes["a"], child(root, "T").text]).toEqual([awkward, awkward]);
  });

  it("drops the control characters that no XML can hold", () => {
    expect(renderXml(element("T", {}, "a\u0000b\u001Fc"), { declaration: false })).toBe("<T>abc</T>\n");
  });
});
