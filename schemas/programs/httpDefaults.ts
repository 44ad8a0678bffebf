/** Where HTTP is answered unless that is said otherwise, as in the original: by frontends and by workers. */
export const httpDefaults = { interface: '0.0.0.0', port: 10020 } as const;
