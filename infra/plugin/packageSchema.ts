import { readFileSync } from "node:fs";

/** The part of a Pulumi schema that inputs are read by. */
export interface PackageSchema {
  readonly name: string;
  readonly version: string;
  /** By token, such as `copilot-token:index:GraphApp`. */
  readonly resources: Readonly<Record<string, ResourceSchema>>;
  readonly types: Readonly<Record<string, TypeSchema>>;
}

export interface ResourceSchema {
  readonly inputProperties: Properties;
  readonly requiredInputs: readonly string[];
  readonly properties: Properties;
}

interface TypeSchema {
  readonly properties?: Properties;
  readonly required?: readonly string[];
  readonly enum?: readonly { readonly value: unknown }[];
}

export type Properties = Readonly<Record<string, PropertySchema>>;

export interface PropertySchema {
  readonly type?: string;
  readonly $ref?: string;
  readonly items?: PropertySchema;
  readonly additionalProperties?: PropertySchema;
  /** Whether the component needs the value itself, when the program runs. */
  readonly plain?: boolean;
  readonly description?: string;
}

/** The schema that the package brings along, with its text, which the plugin publishes as it is. */
export function readPackageSchema(file: string): { readonly schema: PackageSchema; readonly text: string } {
  const text = readFileSync(file, "utf8");
  return { schema: JSON.parse(text) as PackageSchema, text };
}
