// What an S21 Pro on VNish has stored when it is handed over.

export interface StoredMiner {
  cooling: {
    mode: { name: string; param: number };
    fan_min_count: number;
    fan_min_duty: number;
    fan_max_duty: number;
  };
  misc: { restart_temp: number; remain_stopped_on_reboot: boolean };
  overclock: {
    modded_psu: boolean;
    preset: string;
    /** MHz, 10 mV. */
    globals: { freq: number; volt: number };
    chains: { freq: number; chips: number[]; disabled: boolean }[];
    preset_switcher: {
      enabled: boolean;
      top_preset: string;
      min_preset: string;
      decrease_temp: number;
      rise_temp: number;
      check_time: number;
    };
  };
  pools: { url: string; user: string; pass: string }[];
}

const BOARDS = 3;
const CHIPS = 65;

export function firstSettings(): StoredMiner {
  return {
    cooling: {
      mode: { name: "auto", param: 65 },
      fan_min_count: 4,
      fan_min_duty: 10,
      fan_max_duty: 100,
    },
    misc: { restart_temp: 90, remain_stopped_on_reboot: true },
    overclock: {
      modded_psu: false,
      preset: "3520",
      globals: { freq: 555, volt: 1350 },
      chains: Array.from({ length: BOARDS }, () => ({
        freq: 555,
        chips: Array.from({ length: CHIPS }, () => 0),
        disabled: false,
      })),
      preset_switcher: {
        enabled: false,
        top_preset: "3520",
        min_preset: "2550",
        decrease_temp: 80,
        rise_temp: 55,
        check_time: 300,
      },
    },
    pools: [
      { url: "stratum.example:3333", user: "account.s21pro", pass: "x" },
      { url: "backup.example:3333", user: "account.s21pro", pass: "x" },
      { url: "", user: "", pass: "" },
    ],
  };
}

/** `ui.consts` of the capture. */
export const CONSTS = {
  cooling: {
    min_fan_pwm: 10,
    min_target_temp: 20,
    max_target_temp: 90,
    fan_min_count: { min: 1, max: 4, default: 4 },
  },
  overclock: {
    max_voltage: 1530,
    min_voltage: 1170,
    default_voltage: 1380,
    max_freq: 1000,
    min_freq: 50,
    default_freq: 595,
    warn_freq: 600,
    max_voltage_stock_psu: 1530,
  },
};
