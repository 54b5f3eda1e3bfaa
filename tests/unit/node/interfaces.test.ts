import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { InterfaceTraffic } from '../../../services/node/src/harvest/interfaces.ts';
import { Machine } from './machine.ts';

const head = 'Inter-|   Receive                      |  Transmit\n face |bytes    packets errs drop |bytes\n';
const line = (name: string, received: number, sent: number) =>
  `${name}:${received} 1 0 0 0 0 0 0 ${sent} 1 0 0 0 0 0 0\n`;

function namesOn(recording: string): string[] {
  using machine = new Machine(recording);
  return names(machine);
}

function names(machine: Machine): string[] {
  return new InterfaceTraffic(machine.root).read(0).map(({ name }) => name);
}

test('only real interfaces are told where there are any', () => {
  expect(namesOn('raspberry-pi-4')).toEqual(['eth0', 'wlan0']);
  expect(namesOn('raspberry-pi-5')).toEqual(['eth0']);
  expect(namesOn('server')).toEqual(['enp1s0', 'enp2s0']);
  expect(namesOn('laptop')).toEqual(['wlp0s20f3']);
  expect(namesOn('virtual-machine')).toEqual(['eth0']);
});

test('in a container, where none is real, its own are told', () => {
  using machine = new Machine();
  machine.write('/proc/net/dev', head + line('lo', 1, 1) + line('eth0', 1, 1) + line('tun0', 1, 1));
  machine.add('/sys/class/net/eth0/address = 02:42:ac:11:00:02');
  expect(names(machine)).toEqual(['eth0', 'tun0']);
});

test('in a container that has the files of the machine, those of its first process are read', () => {
  using machine = new Machine();
  machine.write('/proc/net/dev', head + line('eth0', 1, 1));
  machine.write('/proc/1/net/dev', head + line('eno1', 1, 1));
  expect(names(machine)).toEqual(['eno1']);
});

test('the real interface under a cloud machine’s own is not counted beside it', () => {
  using machine = new Machine();
  machine.write('/proc/net/dev', head + line('eth0', 1, 1) + line('enP1s1', 1, 1));
  machine.add('/sys/class/net/eth0/device/\n/sys/class/net/enP1s1/device/\n/sys/class/net/enP1s1/master -> ../eth0');
  expect(names(machine)).toEqual(['eth0']);
});

test('bytes are told a second', () => {
  using machine = new Machine();
  const traffic = new InterfaceTraffic(machine.root);
  machine.write('/proc/net/dev', head + line('eth0', 1000, 2000));
  traffic.read(0);
  machine.write('/proc/net/dev', head + line('eth0', 4000, 2500));
  expect(traffic.read(3000)).toEqual([{ name: 'eth0', received: 1000, sent: 167 }]);
});

test('an interface that is made anew, or whose counters wrap, has no rate that never was', () => {
  using machine = new Machine();
  const traffic = new InterfaceTraffic(machine.root);
  const at = (now: number, table: string) => {
    machine.write('/proc/net/dev', head + table);
    return traffic.read(now);
  };
  const quiet = [{ name: 'eth0', received: 0, sent: 0 }];
  at(0, line('eth0', 2 ** 32 - 10, 5));
  expect(at(1000, line('eth0', 90, 10))).toEqual(quiet);
  expect(at(2000, '')).toEqual([]);
  expect(at(3000, line('eth0', 5e12, 5e12))).toEqual(quiet);
  expect(at(4000, line('eth0', 5e12 + 8, 5e12))).toEqual([{ name: 'eth0', received: 8, sent: 0 }]);
});

test('this machine has none that the system does not know', () => {
  const known = readdirSync('/sys/class/net');
  const told = new InterfaceTraffic('').read(0).map(({ name }) => name);
  expect(known).toEqual(expect.arrayContaining(told));
  expect(told).not.toContain('lo');
});
