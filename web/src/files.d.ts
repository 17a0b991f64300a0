// What the build makes of a file that isn't code: its address.
declare module "*.svg" {
  const path: string;
  export default path;
}
