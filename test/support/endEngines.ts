import { afterAll } from "vitest";
import { endEngineProcesses } from "./inlineEngine";

// Files of tests share a process: what one has started must not wait for the end of the last one.
afterAll(endEngineProcesses);
