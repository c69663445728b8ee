// SPDX-License-Identifier: Apache-2.0
//! A photo becomes a coloured point cloud: photo_to_ply PHOTO.jpg OUT.ply
//! No crates: rustc -O photo_to_ply.rs -L FOLDER -l depthcloud_c
#![allow(dead_code)] // main needs a part of it

use std::ffi::{CStr, CString};
use std::os::raw::{c_char, c_void};
use std::{env, fs, mem, process, ptr, slice};

const ABI_VERSION: u32 = 2;

#[repr(C)]
struct DclError { struct_size: u32, status: i32, stage: i32, message: [c_char; 500] }

#[repr(C)]
struct DclImageView {
    struct_size: u32,
    format: i32,
    data: *const u8,
    width: i32,
    height: i32,
    stride: i64,
    photo_width: i32,
    photo_height: i32,
    focal_px: f64,
}

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
    fn dcl_pipeline_process_image(pipeline: *mut c_void, image: *const DclImageView,
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

/// A string as C takes it.
fn c_string(name: &str, value: &str) -> Result<CString, String> {
    CString::new(value).map_err(|_| format!("{name} must not hold a zero character"))
}

/// A model and the pipeline that runs it.
struct Pipeline { raw: Handle, _model: Handle }

impl Pipeline {
    fn load(source: &str) -> Result<Pipeline, String> {
        let source = c_string("source", source)?;
        let model = Handle::make(dcl_model_free, |raw, err| unsafe {
            dcl_model_load(ABI_VERSION, source.as_ptr(), ptr::null(), raw, err)
        })?;
        let raw = Handle::make(dcl_pipeline_free, |raw, err| unsafe {
            dcl_pipeline_create(model.raw, ptr::null(), raw, err)
        })?;
        Ok(Pipeline { raw, _model: model })
    }

    /// `photo`: the bytes of a JPEG, PNG, ...
    fn process(&self, photo: &[u8]) -> Result<Frame, String> {
        if photo.is_empty() { return Err("photo is empty".into()); }
        Handle::make(dcl_frame_free, |raw, err| unsafe {
            dcl_pipeline_process(self.raw.raw, photo.as_ptr(), photo.len(), ptr::null(), raw, err)
        }).map(Frame)
    }

    /// `rgb`: three bytes a pixel, row by row without gaps. C would read as many as the size says.
    fn process_image(&self, rgb: &[u8], width: i32, height: i32) -> Result<Frame, String> {
        if width < 1 || height < 1 { return Err(format!("an image of {width} x {height} has no pixel")); }
        let needed = 3 * width as u64 * height as u64;
        if rgb.len() as u64 != needed {
            return Err(format!("rgb holds {} bytes, not {height} x {width} x 3 = {needed}", rgb.len()));
        }
        let mut image: DclImageView = unsafe { mem::zeroed() };
        image.struct_size = mem::size_of::<DclImageView>() as u32;
        (image.data, image.width, image.height) = (rgb.as_ptr(), width, height);
        Handle::make(dcl_frame_free, |raw, err| unsafe {
            dcl_pipeline_process_image(self.raw.raw, &image, ptr::null(), raw, err)
        }).map(Frame)
    }
}

/// The result of one photo.
struct Frame(Handle);

impl Frame {
    fn cloud(&self) -> Result<DclCloudView, String> {
        let mut cloud: DclCloudView = unsafe { mem::zeroed() };
        cloud.struct_size = mem::size_of::<DclCloudView>() as u32;
        check(|err| unsafe { dcl_frame_get_cloud(self.0.raw, &mut cloud, err) })?;
        Ok(cloud)
    }

    /// x y z of each point: a view of the frame's memory, which lives as long as the frame. No copy.
    fn positions(&self) -> Result<&[f32], String> {
        let cloud = self.cloud()?;
        if cloud.size == 0 { return Ok(&[]); } // there may be no memory to point to
        Ok(unsafe { slice::from_raw_parts(cloud.positions, 3 * cloud.size) })
    }

    fn write_ply(&self, path: &str) -> Result<(), String> {
        let path = c_string("path", path)?;
        let cloud = self.cloud()?;
        check(|err| unsafe { dcl_cloud_write_ply(path.as_ptr(), &cloud, err) })
    }
}

fn run(photo: &str, out: &str) -> Result<(), String> {
    let photo = fs::read(photo).map_err(|error| error.to_string())?;
    let frame = Pipeline::load("builtin")?.process(&photo)?;
    frame.write_ply(out)?;
    let positions = frame.positions()?;
    let nearest = positions.iter().skip(2).step_by(3).copied().fold(f32::INFINITY, f32::min);
    println!("{} points, the nearest at {:.3}", positions.len() / 3, nearest);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_become_a_frame() {
        let frame = Pipeline::load("constant:2").unwrap().process_image(&[200; 8 * 6 * 3], 8, 6).unwrap();
        assert_eq!(frame.positions().unwrap().len(), 3 * 12); // stride 2
        assert!(frame.positions().unwrap().iter().skip(2).step_by(3).all(|&z| z == 2.0));
    }

    #[test]
    fn a_length_that_the_size_does_not_explain_is_refused() {
        let pipeline = Pipeline::load("constant:2").unwrap();
        for length in [0, 143, 145, 48] {
            let error = pipeline.process_image(&vec![0; length], 8, 6).err().unwrap();
            assert_eq!(error, format!("rgb holds {length} bytes, not 6 x 8 x 3 = 144"));
        }
        assert!(pipeline.process_image(&[0; 16], i32::MAX, i32::MAX).err().unwrap().starts_with("rgb holds"));
        for (width, height) in [(0, 6), (8, -6), (-8, -6)] {
            assert!(pipeline.process_image(&[0; 144], width, height).err().unwrap().ends_with("has no pixel"));
        }
        assert_eq!(pipeline.process(&[]).err().unwrap(), "photo is empty");
    }

    #[test]
    fn a_string_that_c_would_cut_is_refused() {
        assert_eq!(Pipeline::load("a\0b").err().unwrap(), "source must not hold a zero character");
    }
}
