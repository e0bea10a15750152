export function findPostgres(): { bin: string } | { missing: string };
export function createClusterFolder(): string;
export function startCluster(folder: string): Promise<string>;
export function stopCluster(folder: string): void;
