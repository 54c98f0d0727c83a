import type { ConnectionReference } from "../connectors";
import { element, textElements, type XmlElement } from "../xml";
import { languageCode } from "./solutionManifest";

/**
 * `customizations.xml`: the flows' rows (in the zip; none when unpacked) and the connection reference. The other
 * elements are empty, and in the order of exports.
 */
export function customizations(
  connection: ConnectionReference | undefined,
  workflowRows: readonly XmlElement[],
): XmlElement {
  return element(
    "ImportExportXml",
    {
      "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
      OrganizationVersion: "9.2.25092.160",
      OrganizationSchemaType: "Standard",
    },
    [
      element("Entities"),
      element("Roles"),
      element("Workflows", {}, workflowRows),
      element("FieldSecurityProfiles"),
      element("Templates"),
      element("EntityMaps"),
      element("EntityRelationships"),
      element("OrganizationSettings"),
      element("optionsets"),
      element("CustomControls"),
      element("EntityDataProviders"),
      element("connectionreferences", {}, connection === undefined ? [] : [connectionReference(connection)]),
      element("Languages", {}, [element("Language", {}, languageCode)]),
    ],
  );
}

/** The importer binds a connection to it. */
function connectionReference({ logicalName, connector }: ConnectionReference): XmlElement {
  return element(
    "connectionreference",
    { connectionreferencelogicalname: logicalName },
    textElements({
      connectionreferencedisplayname: connector.displayName,
      connectorid: connector.id,
      description: connector.purpose,
      iscustomizable: 1,
      promptingbehavior: 0,
      statecode: 0,
      statuscode: 1,
    }),
  );
}
