"""A Modbus slave of another author than our master: pymodbus of Debian. Says `ready` when it listens.

Its argument is JSON: {"port": "/dev/pts/3"} or {"tcp": 15020}, with {"units": {"1": {"3": {"512": "0002…"}, "4": {…}}}}:
words in hex by unit, function code and address; every other address has none. Lines on its input set words: `1 3 512 0002`.
"""

import asyncio
import json
import sys
import threading

from pymodbus.datastore import ModbusServerContext, ModbusSlaveContext, ModbusSparseDataBlock
from pymodbus.server import StartAsyncSerialServer, StartAsyncTcpServer
from pymodbus.transaction import ModbusRtuFramer, ModbusSocketFramer


def words(text):
    return [int(text[i : i + 4], 16) for i in range(0, len(text), 4)]


def block(ranges):
    values = {}
    for address, text in ranges.items():
        values.update({int(address) + i: word for i, word in enumerate(words(text))})
    return ModbusSparseDataBlock(values or {0xFFFF: 0})


def slave(functions):
    return ModbusSlaveContext(hr=block(functions.get("3", {})), ir=block(functions.get("4", {})), zero_mode=True)


def listen_to_input(context):
    for line in sys.stdin:
        unit, function, address, text = line.split()
        context[int(unit)].setValues(int(function), int(address), words(text))


async def main():
    options = json.loads(sys.argv[1])
    context = ModbusServerContext({int(unit): slave(functions) for unit, functions in options["units"].items()}, single=False)
    threading.Thread(target=listen_to_input, args=(context,), daemon=True).start()
    asyncio.get_running_loop().call_later(0.2, lambda: print("ready", flush=True))
    if "tcp" in options:
        await StartAsyncTcpServer(context, framer=ModbusSocketFramer, address=("127.0.0.1", options["tcp"]))
    else:
        # On a real line nobody answers for a unit that is not there.
        await StartAsyncSerialServer(
            context, framer=ModbusRtuFramer, port=options["port"], baudrate=9600, ignore_missing_slaves=True
        )


asyncio.run(main())
