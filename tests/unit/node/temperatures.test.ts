import { expect, test } from 'vitest';
import { Temperatures } from '../../../services/node/src/harvest/temperatures.ts';
import { Machine } from './machine.ts';

function read(name: string): Record<string, number> {
  using machine = new Machine(name);
  return Object.fromEntries(new Temperatures(machine.root).read(0).map((each) => [each.name, each.celsius]));
}

test('a sensor that the kernel shows as chip and as zone is told once', () => {
  expect(read('raspberry-pi-4')).toEqual({ cpu_thermal: 48.2 });
  expect(read('laptop')).toEqual({
    'coretemp Package id 0': 52,
    acpitz: 45,
    iwlwifi_1: 44,
    TSKN: 39.1,
    'coretemp Core 0': 50,
    'coretemp Core 8': 51,
  });
});

test('disks and sensors of the same kind can be told apart', () => {
  expect(read('raspberry-pi-5')).toEqual({ cpu_thermal: 51.3, 'nvme0 Composite': 41.9, rp1_adc: 45.3 });
  expect(read('server')).toMatchObject({
    'nvme0 Composite': 38.9,
    'nvme1 Composite': 40.9,
    sda: 33,
    spd5118: 36.3,
    'spd5118 2': 36.5,
  });
});

test('a processor comes first', () => {
  expect(Object.keys(read('server')).slice(0, 2)).toEqual(['k10temp Tctl', 'k10temp Tccd1']);
});

test('inputs that nothing is connected to, or that are faulty, are not told', () => {
  expect(Object.keys(read('server')).filter((name) => name.startsWith('nct'))).toEqual(['nct6799 SYSTIN']);
});

test('a zone without a chip is told', () => {
  using machine = new Machine();
  machine.add('/sys/class/thermal/thermal_zone0/type = soc-thermal\n/sys/class/thermal/thermal_zone0/temp = -40');
  expect(new Temperatures(machine.root).read(0)).toEqual([{ name: 'soc-thermal', celsius: 0 }]);
});

test('a temperature just below zero is 0, and never the -0 that has no encoding', () => {
  using machine = new Machine();
  machine.add('/sys/class/hwmon/hwmon0/name = shed\n/sys/class/hwmon/hwmon0/temp1_input = -40');
  expect(Object.is(new Temperatures(machine.root).read(0)[0]?.celsius, 0)).toBe(true);
});

test('sensors are asked no more often than every four seconds', () => {
  using machine = new Machine('raspberry-pi-4');
  const temperatures = new Temperatures(machine.root);
  const at = (now: number, millidegrees: number) => {
    machine.write('/sys/class/hwmon/hwmon0/temp1_input', `${millidegrees}\n`);
    return temperatures.read(now)[0]?.celsius;
  };
  expect([at(0, 40_000), at(3999, 50_000), at(4000, 60_000)]).toEqual([40, 40, 60]);
});

test('a sensor that stops answering is left out until it answers again, and a new one is found within a minute', () => {
  using machine = new Machine('raspberry-pi-5');
  const temperatures = new Temperatures(machine.root);
  const names = (now: number) => temperatures.read(now).map(({ name }) => name);
  expect(names(0)).toHaveLength(3);
  machine.remove('/sys/class/hwmon/hwmon1/temp1_input');
  expect(names(5000)).toEqual(['cpu_thermal', 'rp1_adc']);
  machine.add(
    '/sys/class/hwmon/hwmon1/temp1_input = 40000\n/sys/class/hwmon/hwmon7/name = bme\n/sys/class/hwmon/hwmon7/temp1_input = 21000',
  );
  expect(names(10_000)).toHaveLength(3);
  expect(names(60_000)).toContain('bme');
});

test('no more than 64 are told', () => {
  using machine = new Machine();
  machine.add('/sys/class/hwmon/hwmon0/name = many');
  for (let i = 1; i <= 100; i += 1) machine.write(`/sys/class/hwmon/hwmon0/temp${i}_input`, '30000\n');
  expect(new Temperatures(machine.root).read(0)).toHaveLength(64);
});

test('a machine without sensors has no temperatures', () => {
  expect(read('virtual-machine')).toEqual({});
});
