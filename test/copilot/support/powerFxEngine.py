"""Works out Power Fx formulas with Microsoft's own engine: JSON lines {"formula", "symbols"} in, {"value"} or {"error"} out."""

import json
import os
import sys

import dotnetcore2.runtime as runtime

os.environ["DOTNET_ROOT"] = os.path.join(os.path.dirname(runtime.__file__), "bin")
os.environ["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1"
from pythonnet import load

load("coreclr")
from powerfx import Engine

engine = Engine()
for line in sys.stdin:
    task = json.loads(line)
    try:
        answer = {"value": engine.eval(task["formula"], symbols=task["symbols"], locale="en-US")}
    except Exception as error:
        answer = {"error": str(error)[:300]}
    print("=" + json.dumps(answer, default=float), flush=True)
