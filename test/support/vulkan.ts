import { existsSync } from 'node:fs';
import { dirname } from 'node:path';

/** Drivers that compute on the CPU: Mesa's lavapipe, and SwiftShader as it lies in Debian's and Google's Chromium. */
const MANIFESTS = [
  '/usr/share/vulkan/icd.d/lvp_icd.x86_64.json',
  '/usr/lib/chromium/vk_swiftshader_icd.json',
  '/opt/google/chrome/vk_swiftshader_icd.json',
];

export const NO_VULKAN =
  'no Vulkan driver that computes on the CPU is installed: apt-get install chromium brings SwiftShader';

/** The environment of a process that has a software Vulkan driver and no other; null where there is none. */
export function softwareVulkan(): NodeJS.ProcessEnv | null {
  const manifest = MANIFESTS.find((file) => existsSync(file));
  if (manifest === undefined) return null;
  // Chromium has its own Vulkan loader beside the driver, which is needed where the system has none.
  const libraries = [dirname(manifest), process.env['LD_LIBRARY_PATH'] ?? ''].filter(Boolean).join(':');
  return {
    ...process.env,
    VK_DRIVER_FILES: manifest,
    VK_ICD_FILENAMES: manifest,
    LD_LIBRARY_PATH: libraries,
  };
}
