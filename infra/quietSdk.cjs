// Pulumi's SDK sends the engine each of its debug messages, one after the other, whether or not anyone wants to see them, and formats a stack
// trace for each promise. With many apps that is half of what the program does. NODE_DEBUG=pulumi keeps the messages for `pulumi up --debug`,
// and PULUMI_DEBUG_PROMISE_LEAKS the stack traces.
const { debuglog } = require("node:util");
const { Resource } = require("@pulumi/pulumi");
const log = require("@pulumi/pulumi/log");
const debuggable = require("@pulumi/pulumi/runtime/debuggable");

const { debuggablePromise, debugPromiseLeaks } = debuggable;

// Where each resource was registered: a quarter of the state, and lines of the bundle that load.cjs makes, not of a source.
Resource.stackTrace = () => [];

if (!debuglog("pulumi").enabled) log.debug = () => Promise.resolve();

if (!debugPromiseLeaks) {
  debuggable.debuggablePromise = (promise, context) => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      return debuggablePromise(promise, context);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  };
}
