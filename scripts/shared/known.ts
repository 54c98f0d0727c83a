import { isOperatorError, OperatorError } from "../../core/errors";

/** A fact that could be had, or why it could not. */
export type Known<T> =
  { readonly known: true; readonly value: T } | { readonly known: false; readonly error: OperatorError };

export function known<T>(value: T): Known<T> {
  return { known: true, value };
}

export function unknown(error: OperatorError): Known<never> {
  return { known: false, error };
}

/** Turns what an operator can repair into a value; a bug stays thrown. */
export async function knowing<T>(fact: Promise<T>): Promise<Known<T>> {
  try {
    return known(await fact);
  } catch (error) {
    if (isOperatorError(error)) return unknown(error);
    throw error;
  }
}
