// SPDX-License-Identifier: Apache-2.0
//! A photo becomes a coloured point cloud: photo_to_ply PHOTO.jpg OUT.ply
//! No crates: rustc -O photo_to_ply.rs -L FOLDER -l depthcloud_c
use std::ffi::{CStr, CString};
use std::os::raw::{c_char, c_void};
use std::{env, fs, mem, process, ptr, slice};

const ABI_VERSION: u32 = 2;

#[repr(C)]
struct DclError { struct_size: u32, status: i32, stage: i32, message: [c_char; 500] }

#[repr(C)]
struct DclCloudView {
    struct_size: u32,
    axes: i32,
    positions: *const f32,
    colors: *const u8,
    size: usize,
    num_views: i32,
    reserved: i32,
}

#[link(name = "depthcloud_c")]
extern "C" {
    fn dcl_model_load(abi: u32, source: *const c_char, options: *const c_void,
                      model: *mut *mut c_void, err: *mut DclError) -> i32;
    fn dcl_pipeline_create(model: *mut c_void, options: *const c_void,
                           pipeline: *mut *mut c_void, err: *mut DclError) -> i32;
    fn dcl_pipeline_process(pipeline: *mut c_void, encoded: *const u8, size: usize,
                            tag: *const c_void, frame: *mut *mut c_void, err: *mut DclError) -> i32;
    fn dcl_frame_get_cloud(frame: *const c_void, cloud: *mut DclCloudView, err: *mut DclError) -> i32;
    fn dcl_cloud_write_ply(path: *const c_char, cloud: *const DclCloudView, err: *mut DclError) -> i32;
    fn dcl_model_free(model: *mut c_void);
    fn dcl_pipeline_free(pipeline: *mut c_void);
    fn dcl_frame_free(frame: *mut c_void);
}

/// Runs a call with an error to fill in and returns what it says when the call fails.
fn check(call: impl FnOnce(*mut DclError) -> i32) -> Result<(), String> {
    let mut err: DclError = unsafe { mem::zeroed() };
    err.struct_size = mem::size_of::<DclError>() as u32;
    if call(&mut err) >= 0 { return Ok(()); }
    Err(unsafe { CStr::from_ptr(err.message.as_ptr()) }.to_string_lossy().into_owned())
}

/// Owns one handle of the library.
struct Handle { raw: *mut c_void, free: unsafe extern "C" fn(*mut c_void) }

impl Handle {
    fn make(free: unsafe extern "C" fn(*mut c_void),
            call: impl FnOnce(*mut *mut c_void, *mut DclError) -> i32) -> Result<Handle, String> {
        let mut raw = ptr::null_mut();
        check(|err| call(&mut raw, err))?;
        Ok(Handle { raw, free })
    }
}

impl Drop for Handle {
    fn drop(&mut self) { unsafe { (self.free)(self.raw) } }
}

fn run(photo: &str, out: &str) -> Result<(), String> {
    let jpeg = fs::read(photo).map_err(|error| error.to_string())?;
    let source = CString::new("builtin").unwrap();
    let path = CString::new(out).map_err(|error| error.to_string())?;
    let model = Handle::make(dcl_model_free, |raw, err| unsafe {
        dcl_model_load(ABI_VERSION, source.as_ptr(), ptr::null(), raw, err)
    })?;
    let pipeline = Handle::make(dcl_pipeline_free, |raw, err| unsafe {
        dcl_pipeline_create(model.raw, ptr::null(), raw, err)
    })?;
    let frame = Handle::make(dcl_frame_free, |raw, err| unsafe {
        dcl_pipeline_process(pipeline.raw, jpeg.as_ptr(), jpeg.len(), ptr::null(), raw, err)
    })?;
    let mut cloud: DclCloudView = unsafe { mem::zeroed() };
    cloud.struct_size = mem::size_of::<DclCloudView>() as u32;
    check(|err| unsafe { dcl_frame_get_cloud(frame.raw, &mut cloud, err) })?;
    check(|err| unsafe { dcl_cloud_write_ply(path.as_ptr(), &cloud, err) })?;
    // A view of the frame's memory, which lives as long as the frame; nothing is copied.
    let positions = unsafe { slice::from_raw_parts(cloud.positions, 3 * cloud.size) };
    let nearest = positions.iter().skip(2).step_by(3).copied().fold(f32::INFINITY, f32::min);
    println!("{} points, the nearest at {:.3}", cloud.size, nearest);
    Ok(())
}

fn main() {
    let arguments: Vec<String> = env::args().collect();
    if arguments.len() != 3 { process::exit(2) }
    if let Err(message) = run(&arguments[1], &arguments[2]) {
        eprintln!("{message}");
        process::exit(1)
    }
}
