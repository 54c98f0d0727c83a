import type { ArtefactNames } from "../names";
import { element, nilElement, textElements, type XmlElement } from "../xml";

/** English (United States): the language of every label here. */
export const languageCode = "1033";

export interface RootComponent {
  /** 29 a flow, 372 a custom connector, 380 an environment variable definition. */
  readonly type: "29" | "372" | "380";
  /** Flows by GUID, lower case; environment variables by schema name; a connector by both. */
  readonly id?: string;
  readonly schemaName?: string;
}

/** `solution.xml`: what the solution is called, who publishes it, and what its root components are. */
export function solutionManifest(
  names: Pick<ArtefactNames, "solution" | "publisher">,
  publisherPrefix: string,
  version: string,
  rootComponents: readonly RootComponent[],
): XmlElement {
  const { solution, publisher } = names;
  return element(
    "ImportExportXml",
    {
      version: "9.2.25092.160",
      SolutionPackageVersion: "9.2",
      languagecode: languageCode,
      generatedBy: "CrmLive",
      "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
    },
    [
      element("SolutionManifest", {}, [
        element("UniqueName", {}, solution.uniqueName),
        localizedNames(solution.displayName),
        element("Descriptions"),
        ...textElements({ Version: version, Managed: 0 }),
        element("Publisher", {}, [
          element("UniqueName", {}, publisher.uniqueName),
          localizedNames(publisher.uniqueName),
          element("Descriptions"),
          nilElement("EMailAddress"),
          nilElement("SupportingWebsiteUrl"),
          ...textElements({
            CustomizationPrefix: publisherPrefix,
            CustomizationOptionValuePrefix: publisher.optionValuePrefix,
          }),
          element("Addresses", {}, [emptyAddress(1), emptyAddress(2)]),
        ]),
        element("RootComponents", {}, rootComponents.map(rootComponent)),
        element("MissingDependencies"),
      ]),
    ],
  );
}

function rootComponent({ type, id, schemaName }: RootComponent): XmlElement {
  return element("RootComponent", {
    type,
    ...(id === undefined ? {} : { id: `{${id}}` }),
    ...(schemaName === undefined ? {} : { schemaName }),
    behavior: "0",
  });
}

function localizedNames(description: string): XmlElement {
  return element("LocalizedNames", {}, [
    element("LocalizedName", { description, languagecode: languageCode }),
  ]);
}

/** Exports always carry two addresses of the publisher, empty or not. */
function emptyAddress(addressNumber: number): XmlElement {
  return element("Address", {}, [
    ...textElements({ AddressNumber: addressNumber, AddressTypeCode: 1 }),
    ...beforeShipping.map(nilElement),
    element("ShippingMethodCode", {}, "1"),
    ...afterShipping.map(nilElement),
  ]);
}

const beforeShipping = [
  "City",
  "County",
  "Country",
  "Fax",
  "FreightTermsCode",
  "ImportSequenceNumber",
  "Latitude",
  "Line1",
  "Line2",
  "Line3",
  "Longitude",
  "Name",
  "PostalCode",
  "PostOfficeBox",
  "PrimaryContactName",
];

const afterShipping = [
  "StateOrProvince",
  "Telephone1",
  "Telephone2",
  "Telephone3",
  "TimeZoneRuleVersionNumber",
  "UPSZone",
  "UTCOffset",
  "UTCConversionTimeZoneCode",
];
