import { shippedModel } from '../shipped-model.js';
import { dataFolder, type Picture, readCrops } from './crops.js';

/** The real crops with their folder, and the shipped model's; null, and a line that says so, where one is absent. */
export async function cropsAndModel(): Promise<{
  readonly data: string;
  readonly crops: readonly Picture[];
  readonly shipped: string;
} | null> {
  const data = dataFolder(process.cwd());
  const crops = await readCrops(data);
  const shipped = shippedModel();
  if (crops && shipped !== null) return { data, crops, shipped };
  console.log(
    crops ? 'models/ holds no model: nothing measured' : `no real crops at ${data}: nothing measured`,
  );
  return null;
}
