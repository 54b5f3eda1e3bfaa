import { tenth } from './bounds.ts';
import { cleanName } from './clean.ts';
import { readInteger } from './reading.ts';
import { type Sensor, findSensors } from './sensors.ts';

export interface Temperature {
  name: string;
  celsius: number;
}

const maxTemperatures = 64;
const lookAgainMs = 60_000;
// Some sensors answer only after a talk over a slow bus, or keep a disk's controller awake. Heat does not change faster than this.
const readAgainMs = 4_000;

// What chips for electronics are made for. An open input or a fault shows as -128, 127, 128 or 255 °C, or as 0 exactly.
const coldest = -55;
const hottest = 125;

/** Temperatures from hwmon and thermal zones. */
export class Temperatures {
  readonly #root: string;
  #sensors: Sensor[] = [];
  #last: Temperature[] = [];
  #lookAt = -Infinity;
  #readAt = -Infinity;

  constructor(root: string) {
    this.#root = root;
  }

  /** `now` is monotonic, in ms. */
  read(now: number): Temperature[] {
    if (now >= this.#lookAt) {
      this.#sensors = findSensors(this.#root).map(({ name, path }) => ({ name: cleanName(name), path }));
      this.#lookAt = now + lookAgainMs;
    }
    if (now >= this.#readAt) {
      this.#last = this.#readAll();
      this.#readAt = now + readAgainMs;
    }
    return this.#last;
  }

  #readAll(): Temperature[] {
    const temperatures: Temperature[] = [];
    for (const { name, path } of this.#sensors) {
      if (temperatures.length === maxTemperatures) break;
      const millidegrees = readInteger(path);
      if (millidegrees === undefined || millidegrees === 0) continue;
      const celsius = millidegrees / 1000;
      if (celsius >= coldest && celsius <= hottest) temperatures.push({ name, celsius: tenth(celsius) });
    }
    return temperatures;
  }
}
